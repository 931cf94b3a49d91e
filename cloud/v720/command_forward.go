package v720

// The commands of the forward table, a function each. docs/protocol.md, section 7, has what is known of them;
// a test holds both against each other.

// ForwardSpeed sets speedGrade.
func ForwardSpeed(grade int) ForwardCommand { return forward(201, param{"speedGrade", grade}) }

// ForwardIRLed turns the infrared lamp on or off. The camera keeps it, and on turns its picture grey.
func ForwardIRLed(on bool) ForwardCommand { return forward(202, param{"IrLed", bit(on)}) }

// ForwardCardOnMotion has the SD card written only while something moves.
func ForwardCardOnMotion(on bool) ForwardCommand { return forward(203, param{"sdMoveMode", bit(on)}) }

// ForwardMoveAlert sets the camera's own motion alarm: 0 off, 1 most to 7 least sensitive.
func ForwardMoveAlert(level int) ForwardCommand { return forward(205, param{"moveAlert", level}) }

// ForwardMoveGrade sets the pause between two alarms, as an index.
func ForwardMoveGrade(grade int) ForwardCommand { return forward(206, param{"moveGrade", grade}) }

// ForwardFormatCard deletes everything on the SD card.
func ForwardFormatCard() ForwardCommand { return forward(207) }

// ForwardAccessPoint sends the camera into its access point mode.
func ForwardAccessPoint() ForwardCommand { return forward(208) }

// ForwardPowerLed turns the power lamp on or off; the camera works without it.
func ForwardPowerLed(on bool) ForwardCommand { return forward(210, param{"instLed", bit(on)}) }

// ForwardScanWiFi looks for networks.
func ForwardScanWiFi() ForwardCommand { return forward(211) }

// Turn is a movement of a camera with a motor.
type Turn int

// The movements. docs/protocol.md, section 7.
const (
	TurnCalibrate Turn = iota
	TurnRight
	TurnLeft
	TurnUp
	TurnDown
)

// ForwardMotor turns the camera.
func ForwardMotor(turn Turn) ForwardCommand { return forward(212, param{"motorState", int(turn)}) }

// ForwardFlip mirrors the picture: 0 as it is, to 4, upside down.
func ForwardFlip(way int) ForwardCommand { return forward(216, param{"mirrorFlip", way}) }

// ForwardPacing sets sfq.
func ForwardPacing(value int) ForwardCommand { return forward(217, param{"sfq", value}) }

// ForwardCardStatus asks how the SD card is.
func ForwardCardStatus() ForwardCommand { return forward(218) }

// ForwardRF433 sets the 433 MHz radio, of models that have one.
func ForwardRF433(value int) ForwardCommand { return forward(219, param{"RF433", value}) }

// ForwardAccessPointPassword gives the camera's own Wi-Fi a password.
func ForwardAccessPointPassword(password string) ForwardCommand {
	return forward(221, param{"setApPwd", password})
}

// ForwardLens chooses the lens, of models with several.
func ForwardLens(lens int) ForwardCommand { return forward(222, param{"camId", lens}) }

// ForwardBattery asks how full the battery is.
func ForwardBattery() ForwardCommand { return forward(223) }

// ForwardPowerOff switches the camera off: only its button switches it on again.
func ForwardPowerOff() ForwardCommand { return forward(224) }

// ForwardConfirms turns on confirms of packages. docs/protocol.md, section 6.
func ForwardConfirms() ForwardCommand { return forward(ForwardRetransmit) }

// ForwardReboot boots the camera.
func ForwardReboot() ForwardCommand { return forward(299, param{"reboot", 1}) }

// The SD card. docs/protocol.md, section 8, has the answers.

// ForwardCardDates asks for the days that the card has: 401 answers.
func ForwardCardDates() ForwardCommand { return forward(400) }

// ForwardCardDay asks for the files of a day, "20261122": 403 answers.
func ForwardCardDay(date string) ForwardCommand { return forward(402, param{"date", date}) }

// ForwardCardFile asks for the file of a minute: 405 answers with its name and size.
func ForwardCardFile(date string, hours, minute int) ForwardCommand {
	return forward(404, param{"date", date}, param{"hours", hours}, param{"minute", minute})
}

// ForwardCardSend has the file of the last ForwardCardFile sent: 407, data as cmd 7, and 411 at its end.
func ForwardCardSend() ForwardCommand { return forward(406) }

// ForwardCardStop ends that.
func ForwardCardStop() ForwardCommand { return forward(408) }

// ForwardCardDelete deletes the file of a minute.
func ForwardCardDelete(date string, hours, minute int) ForwardCommand {
	return forward(412, param{"date", date}, param{"hours", hours}, param{"minute", minute})
}

func forward(code ForwardCode, params ...param) ForwardCommand { return ForwardCommand{code, params} }
