package cloud

import (
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/cloudtest"
)

// backWithin is how soon a stream must be there again when a trouble is over.
const backWithin = 5 * time.Second

// ward is a town with one camera, and what a trouble may need.
type ward struct {
	*town
	book   *ledger
	camera *cloudtest.Camera
	host   netip.Addr // the camera's
	server netip.Addr
}

func (w *ward) link(c cloudtest.Conditions) {
	w.network.SetConditions(w.host, w.server, c)
	w.network.SetConditions(w.server, w.host, c)
}

// restart ends the server and starts another one at the same address.
func (w *ward) restart() {
	w.stop()
	w.town = newTownOn(w.t, w.network, Options{Sink: w.book})
}

// back tells how long after that moment the next whole picture was taken.
func (w *ward) back(id camera.ID, after time.Time) time.Duration {
	w.book.mu.Lock()
	defer w.book.mu.Unlock()
	for _, n := range kind(w.book.came[id], false) {
		if n.at.After(after) {
			return n.at.Sub(after)
		}
	}
	return time.Hour
}

// Each trouble begins when the camera has streamed for three seconds, and its function returns when it
// is over.
func TestAStreamIsBackWithinFiveSecondsOfEachTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		trouble func(w *ward)
		options cloudtest.Options
		whole   bool // nothing that was sent may be missing
	}{
		"the server is restarted": {trouble: func(w *ward) { w.restart() }},
		"the server is away for 3 s": {trouble: func(w *ward) {
			w.stop()
			time.Sleep(3 * time.Second)
			w.town = newTownOn(w.t, w.network, Options{Sink: w.book})
		}},
		"the control channel is cut":                                         {whole: true, trouble: func(w *ward) { w.camera.CutControl() }},
		"the control channel is cut, and the camera does not ask HTTP again": {whole: true, trouble: func(w *ward) { w.camera.CutControl() }, options: cloudtest.Options{KeepsServer: true}},
		"all streams are cut":                                                {trouble: func(w *ward) { w.network.CutStreams(w.host, w.server) }},
		"the camera reboots":                                                 {trouble: func(w *ward) { w.camera.Reboot() }},
		"the camera reboots and reboots": {trouble: func(w *ward) {
			for range 4 {
				w.camera.Reboot()
				time.Sleep(2500 * time.Millisecond)
			}
		}},
		"datagrams are dead for 30 s": {trouble: func(w *ward) {
			w.link(cloudtest.Conditions{DatagramsDown: true})
			time.Sleep(30 * time.Second)
			w.link(cloudtest.Conditions{})
		}},
		"datagrams to the camera are dead for 30 s": {trouble: func(w *ward) {
			w.network.SetConditions(w.server, w.host, cloudtest.Conditions{DatagramsDown: true})
			time.Sleep(30 * time.Second)
			w.link(cloudtest.Conditions{})
		}},
		"the link is down for 3 s": {whole: true, trouble: func(w *ward) {
			w.link(cloudtest.Conditions{Down: true})
			time.Sleep(3 * time.Second)
			w.link(cloudtest.Conditions{})
		}},
		"the link is down for 10 s": {trouble: func(w *ward) {
			w.link(cloudtest.Conditions{Down: true})
			time.Sleep(10 * time.Second)
			w.link(cloudtest.Conditions{})
		}},
		"a second connection of the same camera comes": {whole: true, trouble: func(w *ward) {
			if err := w.camera.SecondControl(w.t.Context()); err != nil {
				w.t.Error(err)
			}
		}},
		"the camera's address changes": {trouble: func(w *ward) { w.camera.Move(w.network.Host(mustAddr("10.42.0.77"))) }},
		"the camera's port changes":    {whole: true, trouble: func(w *ward) { w.network.RebindUDP(w.camera.State().Media) }},
	} {
		for _, firmware := range []cloudtest.Firmware{cloudtest.Old, cloudtest.New} {
			t.Run(fmt.Sprintf("%s, firmware %d", name, firmware), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					const id = "0800c00128F8"
					w := &ward{book: newLedger(), host: mustAddr("10.42.0.22"), server: mustAddr("10.42.0.1")}
					w.town = newTownOn(t, cloudtest.NewNetwork(*seed), Options{Sink: w.book})
					o := c.options
					o.ID, o.Firmware, o.Sent = id, firmware, w.book.note(id)
					var leave func()
					w.camera, leave = w.settle(o)
					defer leave()
					time.Sleep(3 * time.Second)
					c.trouble(w)
					over := time.Now()
					time.Sleep(10 * time.Second)
					if took := w.back(id, over); took > backWithin {
						t.Errorf("the stream was back after %v, want at most %v; %+v", took, backWithin, w.camera.State())
					} else {
						t.Logf("back after %v", took)
					}
					time.Sleep(5 * time.Second)
					if took := w.back(id, over.Add(12*time.Second)); took > time.Second {
						t.Errorf("and it did not stay")
					}
					if got := w.Cameras(); len(got) != 1 || !got[0].Streams {
						t.Errorf("the server knows of %+v, want one camera that streams", got)
					}
					w.stop()
					v := w.book.judge(id, time.Now().Add(-time.Second))
					if v.foreign > 0 {
						t.Errorf("%d pictures or sounds were never sent, or came twice", v.foreign)
					}
					if c.whole && v.missing > 0 {
						t.Errorf("%d pictures that were sent are missing", v.missing)
					}
				})
			})
		}
	}
}

// A camera that goes mute in the midst of opening is asked again.
func TestACameraThatStopsInAnyStepIsBroughtOn(t *testing.T) {
	for _, step := range []cloudtest.Step{
		cloudtest.Booting, cloudtest.Connected, cloudtest.Reaching, cloudtest.Probing, cloudtest.Probed, cloudtest.Commanded, cloudtest.Streaming,
	} {
		t.Run(string(step), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const id = "0800c00128F8"
				book := newLedger()
				n := newTownOn(t, cloudtest.NewNetwork(*seed), Options{Sink: book})
				_, leave := n.settle(cloudtest.Options{ID: id, Hangs: []cloudtest.Step{step}, Sent: book.note(id)})
				defer leave()
				// In the first two steps nobody but the camera can help: it gives up after 5 s.
				over := time.Now()
				if step == cloudtest.Booting || step == cloudtest.Connected {
					time.Sleep(6500 * time.Millisecond)
					over = time.Now()
				}
				time.Sleep(8 * time.Second)
				w := &ward{town: n, book: book}
				if took := w.back(id, over); took > backWithin {
					t.Errorf("the stream was there after %v, want at most %v", took, backWithin)
				} else {
					t.Logf("there after %v", took)
				}
				n.stop()
			})
		})
	}
}

// Two cameras behind one repeater get other ports, both at once.
func TestPortsThatChangeBehindOneAddressAreToldApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &ward{book: newLedger()}
		w.town = newTownOn(t, cloudtest.NewNetwork(*seed), Options{Sink: w.book})
		repeater := w.network.Host(mustAddr("10.42.0.99"))
		var cameras []*cloudtest.Camera
		for i := range 2 {
			id := camera.ID(fmt.Sprintf("0800c000000%d", i))
			c, leave := w.settle(cloudtest.Options{ID: string(id), Host: repeater, Firmware: cloudtest.Firmware(i), Seed: int64(i), Sent: w.book.note(id)})
			defer leave()
			cameras = append(cameras, c)
		}
		time.Sleep(3 * time.Second)
		for _, c := range cameras {
			w.network.RebindUDP(c.State().Media)
		}
		over := time.Now()
		time.Sleep(10 * time.Second)
		w.stop()
		for _, c := range cameras {
			id := camera.ID(c.State().ID)
			if took := w.back(id, over); took > backWithin {
				t.Errorf("%s: the stream was back after %v, want at most %v", id, took, backWithin)
			}
			// All that each sent is its own.
			if v := w.book.judge(id, over.Add(8*time.Second)); v.foreign > 0 || v.missing > 0 {
				t.Errorf("%s: %v", id, v)
			}
		}
	})
}
