// Go's runtime: goroutines that wait for timers and channels on one thread, its file API, its errors, stdio, an exit code.
package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"time"
)

func check(condition bool, what string) {
	if !condition {
		println("wrong: " + what)
		os.Exit(1)
	}
}

func files() {
	check(os.MkdirAll("a/b", 0o755) == nil, "mkdir")
	check(os.WriteFile("a/b/f", []byte("0123456789"), 0o644) == nil, "write")
	file, err := os.OpenFile("a/b/f", os.O_RDWR|os.O_APPEND, 0)
	check(err == nil, "open")
	_, err = file.WriteString("end")
	check(err == nil, "append")
	piece := make([]byte, 4)
	count, err := file.ReadAt(piece, 8)
	check(err == nil && count == 4 && string(piece) == "89en", "read at")
	count, err = file.ReadAt(piece, 11)
	check(err == io.EOF && count == 2, "read at the end")
	place, err := file.Seek(-3, io.SeekEnd)
	check(err == nil && place == 10, "seek")
	check(file.Truncate(5) == nil && file.Close() == nil, "truncate")
	_, err = file.Stat()
	check(errors.Is(err, os.ErrClosed), "closed")
	text, err := os.ReadFile("a/b/f")
	check(err == nil && string(text) == "01234", "read")

	_, err = os.Open("none")
	check(errors.Is(err, fs.ErrNotExist), "none")
	check(errors.Is(os.Mkdir("a", 0o755), fs.ErrExist), "exists")
	check(os.Symlink("b/f", "a/link") == nil, "symlink")
	target, err := os.Readlink("a/link")
	check(err == nil && target == "b/f", "readlink")
	info, err := os.Lstat("a/link")
	check(err == nil && info.Mode()&fs.ModeSymlink != 0, "lstat")
	info, err = os.Stat("a/link")
	check(err == nil && info.Size() == 5 && info.Mode().IsRegular(), "stat")
	when := time.Unix(1234567890, 123456789)
	check(os.Chtimes("a/b/f", when, when) == nil, "times")
	info, err = os.Stat("a/b/f")
	check(err == nil && info.ModTime().Equal(when), "time")
	for number := range 40 {
		check(os.WriteFile("a/n"+strconv.Itoa(number), nil, 0o644) == nil, "many")
	}
	entries, err := os.ReadDir("a")
	check(err == nil && len(entries) == 42 && entries[0].Name() == "b" && entries[0].IsDir(), "list")
	check(os.Rename("a/b", "a/c") == nil && os.RemoveAll("a") == nil, "remove")
}

// inOrder tells whether five sleepers, a gap apart, came as their timers say. None may come early; on a machine that has
// other work, where they start late, too, two of them may change places.
func inOrder(came chan int, gap time.Duration) bool {
	began := time.Now()
	for number := range 5 {
		go func() {
			time.Sleep(time.Duration(5-number) * gap)
			came <- number
		}()
	}
	ordered := true
	for want := 4; want >= 0; want-- {
		number := <-came
		ordered = ordered && number == want
		check(time.Since(began) >= time.Duration(5-number)*gap, "early")
	}
	return ordered
}

func waiting() {
	came := make(chan int)
	for gap := 2 * time.Millisecond; !inOrder(came, gap); gap *= 4 {
		check(gap < time.Second, "the order of timers")
	}
	select {
	case <-came:
		check(false, "nothing more")
	case <-time.After(time.Millisecond):
	}
}

func main() {
	check(len(os.Args) == 2 && os.Args[1] == "argument" && os.Getenv("NAME") == "value", "arguments")
	files()
	waiting()
	text, err := io.ReadAll(os.Stdin)
	check(err == nil && len(text) == 0, "stdin")
	os.Stdout.WriteString("done\n")
	os.Exit(3)
}
