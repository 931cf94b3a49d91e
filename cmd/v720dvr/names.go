package main

import (
	"context"

	"v720dvr/camera"
	"v720dvr/web"
)

// Names tells who asked the DNS server for the cameras' names, and which cameras they are, as far as
// their addresses tell.
func (b *box) Names(ctx context.Context) (web.Names, error) {
	told, answers := b.cloud.DNS()
	if !answers {
		return web.Names{}, nil
	}
	known, err := b.Cameras(ctx)
	if err != nil {
		return web.Names{}, err
	}
	at := make(map[string]camera.ID, len(known))
	for _, c := range known {
		if at[c.Address] == "" || c.Online {
			at[c.Address] = c.ID
		}
	}
	names := web.Names{
		Listen: b.cloud.Addrs().DNS.String(), Ours: told.Ours, Passed: told.Passed, Recalled: told.Recalled,
		Failed: told.Failed, Strangers: told.Strangers, Malformed: told.Malformed,
	}
	for _, asked := range told.Asked {
		address := asked.Addr.String()
		names.Asked = append(names.Asked, web.NameAsked{Address: address, Camera: at[address], Name: asked.Name, At: asked.At, Count: asked.Count})
	}
	return names, nil
}
