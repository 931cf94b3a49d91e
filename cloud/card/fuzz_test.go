package card

import (
	"testing"

	"v720dvr/cloud/v720"
)

func FuzzCatalog(f *testing.F) {
	f.Add([]byte(`<video><catalogue date="20261122" hNumb="2"><option hours="00" minBin="1"/><option hours="14" minBin="1152921504606846975"/></catalogue></video>` + "\x00"))
	f.Add([]byte(`<?xml version="1.0" encoding="gb2312"?><video><catalogue date='2026-11-22'><option hours='23' minBin='0x8'></option></catalogue></video>`))
	f.Add([]byte(`<video><option hours="1" minBin="1"/></video>`))
	f.Fuzz(func(t *testing.T, text []byte) {
		minutes, err := parseCatalog(text)
		if err != nil {
			return
		}
		if len(minutes) > 24*60 && len(text) < 1000 {
			t.Errorf("%d minutes in %d bytes", len(minutes), len(text))
		}
		for _, m := range minutes {
			if again, err := ParseMinute(m.String()); err != nil || again != m {
				t.Errorf("%+v is written %q", m, m)
			}
		}
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"code": 502, "target": "x", "content": {"code": 405, "fileName": "/sd/20261122/14/05.avi", "fileSize": "15000000"}}` + "\x00"))
	f.Add([]byte(`{"code":401,"dates":["20261122"],"sdDevStatus":-3}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		if m, ok := ReadAnswer(v720.Packet{Payload: payload}); ok {
			m.text("fileName")
			if err := m.cardState(); err != nil && err.Error() == "" {
				t.Error("an error without a word")
			}
		}
	})
}
