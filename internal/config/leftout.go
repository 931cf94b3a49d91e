package config

import (
	"slices"
	"strings"
)

// LeftOut is a setting that cannot be in force: a later version may have other rules, and the file
// may say by now what contradicts it. Nothing of that keeps v720dvr from starting.
type LeftOut struct {
	Setting
	Why *Problem
	All []*Problem // what is wrong with it, Why first; each one's Key tells where in a list
}

// Place is where in the setting a problem lies, in the words of its key: "schedule[1].start" of the setting "schedule".
func (l LeftOut) Place(p *Problem) string {
	if i := strings.Index(p.Key, l.Key+"["); i == 0 || i > 0 && p.Key[i-1] == '.' {
		return p.Key[i:]
	}
	return l.Key
}

// load decodes and checks, without the settings that cannot be. Data is nil when there is no file. The
// error is of the file, the environment and the flags alone.
func load(options LoadOptions, data []byte) (Loaded, error) {
	all := attempt(options, data, options.Set)
	if len(all.wrong) == 0 || len(options.Set) == 0 {
		return all.result()
	}
	if plain := attempt(options, data, nil); len(plain.wrong) > 0 {
		return plain.result()
	}
	s := sieve{options: options, data: data}
	s.sort(all)
	s.good.loaded.LeftOut = s.left
	return s.good.result()
}

// sieve parts settings that can be from those that cannot.
type sieve struct {
	options LoadOptions
	data    []byte
	left    []LeftOut
	set     []Setting // those that can be together
	good    *loader   // with them
}

// sort leaves out those that are blamed, until nothing is wrong or nobody is blamed.
func (s *sieve) sort(all *loader) {
	set := s.options.Set
	for len(all.wrong) > 0 {
		blamed := all.blamed()
		if len(blamed) == 0 {
			s.good = attempt(s.options, s.data, nil)
			s.take(set)
			return
		}
		var rest []Setting
		for i, setting := range set {
			if why := blamed[i]; why != nil {
				s.left = append(s.left, LeftOut{setting, why[0], why})
			} else {
				rest = append(rest, setting)
			}
		}
		set = rest
		all = attempt(s.options, s.data, set)
	}
	s.good = all
}

// take takes as many of a list as can be, where the blame lies with a key of the file: a name, say, that
// a camera of the file has too.
func (s *sieve) take(list []Setting) {
	tried := append(slices.Clip(s.set), list...)
	l := attempt(s.options, s.data, tried)
	switch {
	case len(l.wrong) == 0:
		s.set, s.good = tried, l
	case len(list) == 1:
		s.left = append(s.left, LeftOut{list[0], l.wrong[0], l.wrong[:1]})
	default:
		s.take(list[:len(list)/2])
		s.take(list[len(list)/2:])
	}
}

// blamed are the settings that something is wrong with, by their number.
func (l *loader) blamed() map[int][]*Problem {
	blamed := map[int][]*Problem{}
	for _, p := range l.wrong {
		if i, ok := l.setting(p.Key); ok {
			blamed[i] = append(blamed[i], p)
		}
	}
	return blamed
}

// setting finds the setting that a key, or the list that it stands in, has its value from.
func (l *loader) setting(key string) (i int, ok bool) {
	for {
		if i, ok = l.set[key]; ok {
			return i, true
		}
		cut := strings.LastIndexByte(key, '[')
		if cut < 0 {
			return 0, false
		}
		key = key[:cut]
	}
}
