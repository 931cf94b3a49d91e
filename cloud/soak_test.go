package cloud

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/cloudtest"
)

// weight is what a process holds.
type weight struct {
	goroutines int
	heap       uint64
}

func weigh() weight {
	synctest.Wait()
	runtime.GC()
	runtime.GC() // what a finalizer held
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return weight{runtime.NumGoroutine(), m.HeapAlloc}
}

func TestTwentyCamerasThatRebootAtRandomLeaveNothingBehind(t *testing.T) {
	const cameras = 20
	length := long(10 * time.Minute)
	synctest.Test(t, func(t *testing.T) {
		book := newLedger()
		network := cloudtest.NewNetwork(*seed)
		network.SetDefault(badLink)
		n := newTownOn(t, network, Options{Sink: book})
		var all []*cloudtest.Camera
		for i := range cameras {
			id := camera.ID(fmt.Sprintf("0800c00000%02d", i))
			c, leave := n.settle(cloudtest.Options{
				ID: string(id), Firmware: cloudtest.Firmware(i % 2), Resend: cloudtest.Resend(i / 2 % 2), Seed: *seed + int64(i),
				Host: network.Host(netip.AddrFrom4([4]byte{10, 42, 1, byte(i + 1)})), Sent: book.note(id),
			})
			defer leave()
			all = append(all, c)
		}
		time.Sleep(20 * time.Second)
		book.clear()
		before := weigh()

		lots := rand.New(rand.NewPCG(uint64(*seed), 20))
		end := time.Now().Add(length)
		reboots := 0
		for time.Now().Before(end) {
			time.Sleep(time.Duration(lots.Int64N(int64(2 * time.Second))))
			all[lots.IntN(cameras)].Reboot()
			reboots++
		}
		time.Sleep(20 * time.Second)
		pictures := 0
		for _, c := range all {
			id := camera.ID(c.State().ID)
			v := book.judge(id, time.Now())
			if v.foreign > 0 {
				t.Errorf("%s: %d pictures or sounds were never sent, or came twice, or torn", id, v.foreign)
			}
			if v.whole < 100 || c.State().Step != cloudtest.Streaming {
				t.Errorf("%s is %s at the end: %v", id, c.State().Step, v)
			}
			pictures += v.whole
		}
		book.clear()
		after := weigh()
		t.Logf("%d reboots, %d pictures; before %+v, after %+v", reboots, pictures, before, after)
		if after.goroutines > before.goroutines {
			t.Errorf("%d goroutines after %d reboots, %d before", after.goroutines, reboots, before.goroutines)
		}
		// A hundred reboots each leave no more than rounding: buffers that grew once, the network's own lots.
		if after.heap > before.heap+1<<20 {
			t.Errorf("%d bytes in use after %d reboots, %d before", after.heap, reboots, before.heap)
		}
		if got := len(n.Cameras()); got != cameras {
			t.Errorf("%d cameras are registered, want %d", got, cameras)
		}
		n.stop()
	})
}
