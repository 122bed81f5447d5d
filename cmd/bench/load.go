package main

import (
	"context"
	"slices"
	"sync"
	"time"
)

// figures are what a run of equal requests came to.
type figures struct {
	Count  int
	Took   time.Duration
	Median time.Duration
	P95    time.Duration
	P99    time.Duration
}

// perSecond is how many were done in a second, by all clients together.
func (f figures) perSecond() float64 {
	if f.Took == 0 {
		return 0
	}
	return float64(f.Count) / f.Took.Seconds()
}

// drive lets clients work side by side, each one request after the other, until do says
// that there is no more, fails, or the time is up. do sends one request and waits for its answer.
func drive(ctx context.Context, clients int, limit time.Duration, do func(client int) (more bool, err error)) (figures, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var mu sync.Mutex
	var all []time.Duration
	var fault error
	var wg sync.WaitGroup
	start := time.Now()
	for client := range clients {
		wg.Go(func() {
			took, err := one(ctx, func() (bool, error) { return do(client) })
			mu.Lock()
			defer mu.Unlock()
			all = append(all, took...)
			if err != nil && fault == nil {
				fault = err
				cancel()
			}
		})
	}
	wg.Wait()
	return newFigures(all, time.Since(start)), fault
}

// one is one client.
func one(ctx context.Context, do func() (bool, error)) ([]time.Duration, error) {
	var all []time.Duration
	for ctx.Err() == nil {
		start := time.Now()
		more, err := do()
		if err != nil || !more {
			return all, err
		}
		all = append(all, time.Since(start))
	}
	return all, nil
}

func newFigures(all []time.Duration, took time.Duration) figures {
	f := figures{Count: len(all), Took: took}
	if len(all) == 0 {
		return f
	}
	slices.Sort(all)
	at := func(share float64) time.Duration { return all[min(len(all)-1, int(share*float64(len(all))))] }
	f.Median, f.P95, f.P99 = at(0.5), at(0.95), at(0.99)
	return f
}
