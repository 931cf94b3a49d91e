package cloud

import (
	"context"
	"fmt"

	"v720dvr/camera"
	"v720dvr/cloud/v720"
)

// SendRaw sends any JSON object to a camera by one channel, as MQTT publication or as the content of a 301,
// and gives all that the camera says until stop is called. The text is checked to be an object with a code,
// and for nothing else.
func (s *Server) SendRaw(ctx context.Context, id camera.ID, by Channel, text []byte) (<-chan Heard, func(), error) {
	heard, stop := s.hearing.listen(id)
	if err := s.sendRaw(ctx, id, by, text); err != nil {
		stop()
		return nil, nil, err
	}
	s.log.Info("raw command sent to a camera", "camera", id, "by", string(by), "size", len(text))
	return heard, stop, nil
}

func (s *Server) sendRaw(ctx context.Context, id camera.ID, by Channel, text []byte) error {
	switch by {
	case ByMQTT:
		payload, err := v720.RawMQTT(text)
		if err != nil {
			return err
		}
		if s.post == nil || !s.post.reaches(id) {
			return fmt.Errorf("the camera %w over MQTT", ErrUnreachable)
		}
		return s.post.publish(id, payload)
	case ByControl:
		if _, err := v720.RawForward("", text); err != nil {
			return err
		}
		l, err := s.commanded(ctx, id, true)
		if err != nil {
			return err
		}
		return l.forward(func(target string) [][]byte {
			payload, _ := v720.RawForward(target, text) // checked above
			return [][]byte{payload}
		})
	}
	return fmt.Errorf("send by %q: want %q or %q", by, ByControl, ByMQTT)
}
