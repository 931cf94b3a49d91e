package card

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"v720dvr/cloud/v720"
)

// ErrCut is a file of which not all bytes came.
var ErrCut = errors.New("the file was cut off")

// Get writes the file of a minute, and nothing else, to w. It returns without an error when as many
// bytes came as the camera has told, in their order; else ErrCut is among the errors, what was written
// is the file's beginning (over the media channel, with a hole where a package was lost for good), and the connection is
// of no use any more. progress is called with each
// package, or nil.
func (c *Card) Get(ctx context.Context, m Minute, w io.Writer, progress func(done, size int64)) (File, error) {
	file, err := c.Stat(ctx, m)
	if err != nil {
		return file, err
	}
	return file, c.Send(ctx, m, file, w, progress)
}

// Send is Get for a file of which Stat has just told.
func (c *Card) Send(ctx context.Context, m Minute, file File, w io.Writer, progress func(done, size int64)) error {
	if err := c.Line.Command(v720.ForwardCardSend()); err != nil {
		return fmt.Errorf("fetch %v: %w (%w)", m, ErrCut, err)
	}
	done, patience := int64(0), time.Duration(0)
	for ended := false; !ended || c.Trail > 0 && done < file.Size; {
		// Each package has the whole patience: a card of a camera is slow.
		err := c.Line.Await(ctx, patience, func(p v720.Packet) (bool, error) {
			if p.Cmd == v720.CmdAVI {
				if done+int64(len(p.Payload)) > file.Size {
					return true, fmt.Errorf("more than the %d bytes that were told", file.Size)
				}
				if _, err := w.Write(p.Payload); err != nil {
					return true, writeError{err}
				}
				done += int64(len(p.Payload))
				return true, nil
			}
			answer, ok := ReadAnswer(p)
			if ok && answer.Code == v720.AnswerCardSend {
				return false, answer.cardState()
			}
			if ok && answer.Code == v720.MarkCardSent {
				ended, patience = true, c.Trail
			}
			return ok && answer.Code == v720.MarkCardSent, nil
		})
		if failed := (writeError{}); errors.As(err, &failed) {
			c.Line.Command(v720.ForwardCardStop())
			return fmt.Errorf("write the file of %v: %w", m, failed.error)
		}
		if errors.Is(err, ErrNoAnswer) && (ended || done == file.Size) {
			break // nothing trails any more; or all is there but the word for it
		}
		if err != nil {
			c.Line.Command(v720.ForwardCardStop()) // it is of no use when it does not come through
			return fmt.Errorf("fetch %v, at %d of %d bytes: %w (%w)", m, done, file.Size, ErrCut, err)
		}
		if progress != nil {
			progress(done, file.Size)
		}
	}
	if done != file.Size {
		return fmt.Errorf("fetch %v: the camera ended at %d of %d bytes: %w", m, done, file.Size, ErrCut)
	}
	return nil
}

// writeError is one of who takes the bytes, not of the camera.
type writeError struct{ error }
