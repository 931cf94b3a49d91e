package v720

// The codes of the SD card's range that a camera says and we never send. docs/protocol.md, section 7, has a table of
// them, and section 8 what stands in them; a test holds both against each other.
const (
	AnswerCardDates   ForwardCode = 401 // to ForwardCardDates
	AnswerCardDay     ForwardCode = 403 // to ForwardCardDay; the list itself is XML
	AnswerCardFile    ForwardCode = 405 // to ForwardCardFile
	AnswerCardSend    ForwardCode = 407 // to ForwardCardSend: the file's bytes come now
	AnswerCardStop    ForwardCode = 409 // to ForwardCardStop, it is thought; nobody waits for it
	UnknownCard       ForwardCode = 410 // of the range, and never seen: it is passed over
	MarkCardSent      ForwardCode = 411 // behind the last byte of a file
	AnswerCardDeleted ForwardCode = 413 // to ForwardCardDelete
)
