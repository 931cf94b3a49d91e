package main

import (
	"v720dvr/camera"
	"v720dvr/recorder"
	"v720dvr/web"
)

// ailments tells in words what is wrong with what a camera gives: the recorder sees that, and the camera's own settings,
// which the cloud knows, often say why.
func ailments(found []recorder.Ailment, c camera.Condition) (list []web.Ailment) {
	for _, a := range found {
		list = append(list, web.Ailment{Kind: a.Kind, Since: a.Since, Text: ailmentText(a.Kind, c)})
	}
	return list
}

func ailmentText(kind camera.EventKind, c camera.Condition) string {
	infrared, known := c.Values["IrLed"]
	switch kind {
	case camera.Frozen:
		return "the picture stands still: the camera sends the same one again and again. Reboot it, or cut its power for a moment"
	case camera.Black:
		switch {
		case known && infrared == 0:
			return "the picture is black: it is dark there and infrared is off (v720dvr cameras set NAME ir=on), or something is before the lens"
		case known:
			return "the picture is black, though infrared is on: something is before the lens, or nothing is near enough to be lit"
		}
		return "the picture is black: it is dark there, or something is before the lens"
	case camera.Covered:
		return "the picture is dark and even all over: something is before the lens"
	case camera.Grey:
		switch {
		case known && infrared == 1:
			return "the picture has no colour: infrared is on, and stays so by day until it is switched off (v720dvr cameras set NAME ir=off)"
		case known:
			return "the picture has no colour, though infrared is off: what it shows is grey, or the camera is stuck in infrared: reboot it"
		}
		return "the picture has no colour: the camera is likely in infrared (v720dvr cameras set NAME ir=off)"
	case camera.Blurred:
		return "the picture is far less sharp than usual: wipe the lens, look for a drop, a web or fog, and turn the lens's ring"
	case camera.Deaf:
		return "the microphone gives nothing but digital silence for half an hour: reboot the camera; if that is no help it is broken"
	}
	return string(kind)
}
