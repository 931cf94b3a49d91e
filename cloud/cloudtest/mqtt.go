package cloudtest

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// MQTT 3.1.1 packet types with the flags that the camera sends or gets (OASIS standard,
// chapter 3). The camera's own bytes are in the capture; the tests compare.
const (
	mqttConnect   = 0x10
	mqttConnAck   = 0x20
	mqttPublish   = 0x30
	mqttPubAck    = 0x40
	mqttSubscribe = 0x82
	mqttSubAck    = 0x90
	mqttPingReq   = 0xC0
	mqttPingResp  = 0xD0
)

const (
	statusTopic = "Naxclow/P2P/Users/Device/Status"
	infoTopic   = "Naxclow/P2P/Users/Device/Info"
	subTopic    = "Naxclow/P2P/Users/Device/sub/"

	mqttKeepAlive = 10 // seconds
)

// mqttPacketLimit bounds a packet: a command for a camera is far below.
const mqttPacketLimit = 4096

// mqttPacket puts a fixed header before body.
func mqttPacket(kind byte, body []byte) []byte {
	b := []byte{kind}
	size := len(body)
	for ; size >= 0x80; size >>= 7 {
		b = append(b, byte(size)|0x80)
	}
	return append(append(b, byte(size)), body...)
}

func mqttString[T string | []byte](b []byte, s T) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(s)))
	return append(b, s...)
}

// connectPacket: clean session, a will of QoS 1 that says status 0, the id as client id and
// user name, and for a password a token in double quotes. docs/protocol.md, section 7.
func connectPacket(id, token string) []byte {
	const user, password, willQoS1, will, clean = 0x80, 0x40, 0x08, 0x04, 0x02
	b := mqttString(nil, "MQTT")
	b = append(b, 4, user|password|willQoS1|will|clean, 0, mqttKeepAlive)
	b = mqttString(b, id)
	b = mqttString(b, statusTopic)
	b = mqttString(b, statusMessage(id, 0))
	b = mqttString(b, id)
	b = mqttString(b, `"`+token+`"`)
	return mqttPacket(mqttConnect, b)
}

func subscribePacket(packet uint16, id string) []byte {
	b := binary.BigEndian.AppendUint16(nil, packet)
	return mqttPacket(mqttSubscribe, append(mqttString(b, subTopic+id), 1))
}

// publishPacket is QoS 0 and not retained.
func publishPacket(topic string, payload []byte) []byte {
	return mqttPacket(mqttPublish, append(mqttString(nil, topic), payload...))
}

func pubAckPacket(packet uint16) []byte {
	return mqttPacket(mqttPubAck, binary.BigEndian.AppendUint16(nil, packet))
}

// splitMQTT takes the first packet off b: its first byte, its body, and what stands behind it.
// whole is false when more bytes must come.
func splitMQTT(b []byte) (kind byte, body, rest []byte, whole bool, err error) {
	size, shift := 0, 0
	for i := 1; i < len(b); i++ {
		size |= int(b[i]&0x7F) << shift
		if b[i]&0x80 == 0 {
			if size > mqttPacketLimit {
				return 0, nil, nil, false, fmt.Errorf("MQTT packet of %d bytes: a camera takes %d", size, mqttPacketLimit)
			}
			if len(b) < i+1+size {
				return 0, nil, nil, false, nil
			}
			return b[0], b[i+1 : i+1+size], b[i+1+size:], true, nil
		}
		if shift += 7; shift > 21 {
			return 0, nil, nil, false, errors.New("MQTT packet length of more than 4 bytes")
		}
	}
	return 0, nil, nil, false, nil
}

// publication is a PUBLISH from the broker.
type publication struct {
	topic   string
	packet  uint16 // to be acknowledged, QoS 1 only
	qos     byte
	payload []byte
}

func readPublication(kind byte, body []byte) (publication, error) {
	p := publication{qos: kind >> 1 & 3}
	if p.qos > 1 {
		return p, fmt.Errorf("PUBLISH with QoS %d: asked for 1 at most", p.qos)
	}
	if len(body) < 2 || len(body) < 2+int(binary.BigEndian.Uint16(body)) {
		return p, fmt.Errorf("PUBLISH of %d bytes: no whole topic", len(body))
	}
	size := binary.BigEndian.Uint16(body)
	p.topic, body = string(body[2:2+size]), body[2+size:]
	if p.qos == 1 {
		if len(body) < 2 {
			return p, errors.New("PUBLISH with QoS 1 and no packet id")
		}
		p.packet, body = binary.BigEndian.Uint16(body), body[2:]
	}
	p.payload = body
	return p, nil
}
