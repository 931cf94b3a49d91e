package v720

// The commands of the MQTT table, a function each. docs/protocol.md, section 7, has what is known of them; a
// test holds both against each other.

// MQTTIRLed turns the infrared lamp on or off. The camera keeps it, and on turns its picture grey.
func MQTTIRLed(on bool) MQTTCommand { return mqtt(202, param{"IrLed", bit(on)}) }

// MQTTCardOnMotion has the SD card written only while something moves.
func MQTTCardOnMotion(on bool) MQTTCommand { return mqtt(203, param{"sdMoveMode", bit(on)}) }

// MQTTJoinWiFi has the camera leave its network for another one. A password of 8 to 36 characters.
func MQTTJoinWiFi(ssid, password string) MQTTCommand {
	return mqtt(204, param{"s", ssid}, param{"p", password})
}

// MQTTLeaveWiFi has the camera leave its network, for good: it comes back in its access point mode.
func MQTTLeaveWiFi() MQTTCommand { return mqtt(204) }

// MQTTMoveAlert sets the camera's own motion alarm: 0 off, 1 most to 7 least sensitive.
func MQTTMoveAlert(level int) MQTTCommand { return mqtt(205, param{"moveAlert", level}) }

// MQTTMoveGrade sets the pause between two alarms, as an index.
func MQTTMoveGrade(grade int) MQTTCommand { return mqtt(206, param{"moveGrade", grade}) }

// MQTTFormatCard deletes everything on the SD card.
func MQTTFormatCard() MQTTCommand { return mqtt(207) }

// MQTTAccessPoint sends the camera into its access point mode.
func MQTTAccessPoint() MQTTCommand { return mqtt(208) }

// MQTTCardRecord has the camera record to its SD card, or not.
func MQTTCardRecord(on bool) MQTTCommand { return mqtt(209, param{"sdCardReco", bit(on)}) }

// MQTTPowerLed turns the power lamp on or off; the camera works without it.
func MQTTPowerLed(on bool) MQTTCommand { return mqtt(210, param{"instLed", bit(on)}) }

// MQTTScanWiFi looks for networks: they are in the Info that answers.
func MQTTScanWiFi() MQTTCommand { return mqtt(211) }

// MQTTPIRMode sets pirSysMode, of models with a PIR.
func MQTTPIRMode(mode int) MQTTCommand { return mqtt(212, param{"pirSysMode", mode}) }

// MQTTPIRAlert sets the PIR's alarm.
func MQTTPIRAlert(on bool) MQTTCommand { return mqtt(213, param{"pirAlert", bit(on)}) }

// MQTTPIRGrade sets how sensitive the PIR is: 0 to 2.
func MQTTPIRGrade(grade int) MQTTCommand { return mqtt(215, param{"pirGrade", grade}) }

// MQTTLamp sets the white lamp, of models that have one. One number goes under both names, as in the app.
func MQTTLamp(level int) MQTTCommand {
	return mqtt(220, param{"ledEI", level}, param{"lightGrade", level})
}

// MQTTPowerRun sets sysPowerRun.
func MQTTPowerRun(on bool) MQTTCommand { return mqtt(227, param{"sysPowerRun", bit(on)}) }

// MQTTWake wakes a battery camera that sleeps: it is at the broker and nowhere else.
func MQTTWake() MQTTCommand { return mqtt(242) }

// MQTTReboot boots the camera.
func MQTTReboot() MQTTCommand { return mqtt(299, param{"reboot", 1}) }

func mqtt(code MQTTCode, params ...param) MQTTCommand { return MQTTCommand{code, params} }
