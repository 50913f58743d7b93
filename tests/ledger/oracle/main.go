// Command oracle checks a published log with Go's own implementation of transparency logs
// (golang.org/x/mod/sumdb, crypto/mldsa): none of the code that made the log is used.
//
//	oracle FOLDER [RECEIPT ENTRY]...
//
// FOLDER is a store of this ledger, or a copy of what it serves. Prints the size and ends with
// 0, or prints what is wrong and ends with 1.
package main

import (
	"bytes"
	"crypto/mldsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// files reads tiles where C2SP tlog-tiles puts them, which is not quite where Go does.
type files struct {
	folder string
	kept   map[tlog.Tile][]byte
}

func (f files) Height() int                     { return height }
func (f files) SaveTiles([]tlog.Tile, [][]byte) {}

func (f files) read(name string) []byte {
	return must(os.ReadFile(filepath.Join(f.folder, name)))
}

func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		if f.kept[tile] == nil {
			content, err := f.tile(tile)
			if err != nil {
				return nil, err
			}
			f.kept[tile] = content
		}
		found = append(found, f.kept[tile])
	}
	return found, nil
}

// tile falls back from a partial tile to the full one that superseded it.
func (f files) tile(tile tlog.Tile) ([]byte, error) {
	content, err := os.ReadFile(f.place(tile))
	if err == nil || tile.W == 1<<height {
		return content, err
	}
	full := tile
	full.W = 1 << height
	content, err = os.ReadFile(f.place(full))
	if tile.L >= 0 && err == nil {
		content = content[:tile.W*tlog.HashSize]
	}
	return content, err
}

func (f files) place(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
	return filepath.Join(f.folder, strings.Replace(path, "tile/8/", "tile/", 1))
}

// log is what the keys of a log vouch for.
type log struct {
	ed25519 note.Verifier
	mldsa   *mldsa.PublicKey
	lineID  uint32
}

func readKeys(text string) log {
	lines := strings.Split(text, "\n")
	parts := strings.SplitN(lines[1], "+", 3)
	key := must(base64.StdEncoding.DecodeString(parts[2]))
	ensure(key[0] == 6, "the second key is not ML-DSA-44")
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	ensure(fmt.Sprintf("%x", id[:4]) == parts[1], "the id of the second key")
	return log{must(note.NewVerifier(lines[0])), must(mldsa.NewPublicKey(mldsa.MLDSA44(), key[1:])),
		binary.BigEndian.Uint32(id[:])}
}

// open verifies both signatures of a checkpoint.
func (l log) open(content []byte) tlog.Tree {
	opened := must(note.Open(content, note.VerifierList(l.ed25519)))
	lines := strings.Split(opened.Text, "\n")
	ensure(lines[0] == l.ed25519.Name(), "the origin is another than the key's name")
	tree := tlog.Tree{N: must(strconv.ParseInt(lines[1], 10, 64))}
	copy(tree.Hash[:], must(base64.StdEncoding.DecodeString(lines[2])))
	for _, line := range opened.UnverifiedSigs {
		if line.Hash == l.lineID && line.Name == lines[0] {
			blob := must(base64.StdEncoding.DecodeString(line.Base64))
			ensure(mldsa.Verify(l.mldsa, statement(lines[0], tree, blob[4:12]), blob[12:], nil) == nil,
				"the ML-DSA-44 signature does not fit")
			return tree
		}
	}
	fail(errors.New("no ML-DSA-44 signature"))
	return tree
}

// statement is the message of a subtree cosignature (C2SP tlog-cosignature).
func statement(origin string, tree tlog.Tree, at []byte) []byte {
	sized := append([]byte{byte(len(origin))}, origin...)
	message := append([]byte("subtree/v1\n\x00"), sized...)
	message = append(append(message, at...), sized...)
	message = binary.BigEndian.AppendUint64(message, 0)
	message = binary.BigEndian.AppendUint64(message, uint64(tree.N))
	return append(message, tree.Hash[:]...)
}

func main() {
	store := files{os.Args[1], map[tlog.Tile][]byte{}}
	keys := readKeys(string(store.read("log.vkey")))
	tree := keys.open(store.read("checkpoint"))
	hashes := tlog.TileHashReader(tree, store)
	checkEntries(store, tree, hashes)
	for _, name := range must(filepath.Glob(filepath.Join(store.folder, "checkpoints", "*"))) {
		old := keys.open(must(os.ReadFile(name)))
		proof := must(tlog.ProveTree(tree.N, old.N, hashes))
		fail(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash))
		reread := must(tlog.TreeHash(old.N, tlog.TileHashReader(old, store)))
		ensure(reread == old.Hash, "the tiles of an old size give another root")
	}
	for at := 2; at+1 < len(os.Args); at += 2 {
		checkReceipt(keys, must(os.ReadFile(os.Args[at])), must(os.ReadFile(os.Args[at+1])))
	}
	fmt.Println(tree.N)
}

// checkEntries compares every entry of every bundle with its authenticated leaf, and proves the
// first and the last of each bundle one by one.
func checkEntries(store files, tree tlog.Tree, hashes tlog.HashReader) {
	index := int64(0)
	for number := int64(0); number<<height < tree.N; number++ {
		end := min(tree.N, (number+1)<<height)
		content := must(store.tile(tlog.Tile{H: height, L: -1, N: number, W: int(end - index)}))
		var places []int64
		for at := index; at < end; at++ {
			places = append(places, tlog.StoredHashIndex(0, at))
		}
		for _, leaf := range must(hashes.ReadHashes(places)) {
			ensure(len(content) >= 2, "an entry bundle is too short")
			length := 2 + int(binary.BigEndian.Uint16(content))
			ensure(tlog.RecordHash(content[2:length]) == leaf, "an entry is not the one in the tree")
			if index%(1<<height) == 0 || index == end-1 {
				proof := must(tlog.ProveRecord(tree.N, index, hashes))
				fail(tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf))
			}
			content, index = content[length:], index+1
		}
		ensure(len(content) == 0, "an entry bundle is too long")
	}
}

// checkReceipt verifies a C2SP tlog-proof.
func checkReceipt(keys log, receipt, entry []byte) {
	head, checkpoint, _ := bytes.Cut(receipt, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	ensure(lines[0] == "c2sp.org/tlog-proof@v1", "not a receipt")
	index := must(strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64))
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		proof = append(proof, must(tlog.ParseHash(line)))
	}
	tree := keys.open(checkpoint)
	fail(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)))
}

func must[T any](value T, err error) T {
	fail(err)
	return value
}

func ensure(holds bool, otherwise string) {
	if !holds {
		fail(errors.New(otherwise))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
