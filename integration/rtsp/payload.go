package rtsp

// mostPayload is what a packet holds behind its RTP header of 12 bytes: with those of UDP and IP it stays below
// the 1500 bytes of Ethernet, with room for a tunnel.
const mostPayload = 1400

// mostPicture is the largest scan that is sent: half of what may wait for a reader.
const mostPicture = waitingPackets / 2 * (mostPayload - 16)

// payloads cuts a picture into what RTP packets hold (RFC 2435, section 3.1) and hands each to send, with last at
// the end. What send gets is good until it returns.
func (p *picture) payloads(buffer []byte, send func(payload []byte, last bool) error) error {
	for at := 0; ; {
		b := append(buffer[:0],
			0, byte(at>>16), byte(at>>8), byte(at), // nothing special; where the piece stands
			p.kind, 255, byte(p.width/8), byte(p.height/8)) // 255: its own quantization tables are in its first packet
		if at == 0 {
			b = append(b, 0, 0, 0, byte(len(p.tables))) // of 8 bits
			b = append(b, p.tables[:]...)
		}
		n := min(mostPayload-len(b), len(p.scan)-at)
		b = append(b, p.scan[at:at+n]...)
		at += n
		last := at == len(p.scan)
		if err := send(b, last); err != nil || last {
			return err
		}
	}
}
