// Checks a receipt (C2SP tlog-proof) with the Go project's own log and note packages:
// nothing of Ming'an is used.  用 Go 官方的 note 与 tlog 包核验回执，不用明案的任何代码。
//
//	go mod init receipt && go get golang.org/x/mod && go run receipt.go VKEY F.tlog-proof F.entry
package main

import (
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal("NOT sound: ", err)
	}
	return value
}

func main() {
	verifier := must(note.NewVerifier(os.Args[1]))
	receipt := string(must(os.ReadFile(os.Args[2])))
	entry := must(os.ReadFile(os.Args[3]))

	head, signed, _ := strings.Cut(receipt, "\n\n")
	lines := strings.Split(head, "\n")[1:] // without the title
	if strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	index := must(strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64))
	var proof tlog.RecordProof
	for _, line := range lines[1:] {
		proof = append(proof, must(tlog.ParseHash(line)))
	}

	opened := must(note.Open([]byte(signed), note.VerifierList(verifier)))
	text := strings.Split(opened.Text, "\n") // origin, size, root
	if text[0] != verifier.Name() {
		log.Fatal("NOT sound: another origin")
	}
	size := must(strconv.ParseInt(text[1], 10, 64))
	root := must(tlog.ParseHash(text[2]))
	if err := tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(entry)); err != nil {
		log.Fatal("NOT sound: ", err)
	}
	fmt.Printf("sound: entry %d of %s, among %d\n", index, text[0], size)
}
