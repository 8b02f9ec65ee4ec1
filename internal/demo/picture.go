package demo

import (
	"bytes"
	"hash/fnv"
	"image"
	"image/color"
	"image/jpeg"
	"math"
)

// The size of all pictures: wide enough for an article page, small enough to be
// drawn when asked for.
const (
	pictureWidth  = 640
	pictureHeight = 360
)

// A scene is the light of a landscape.
type scene struct {
	top, horizon, sun, far, near color.RGBA
}

// scenes are dawn, day, dusk and mist.
func scenes() []scene {
	return []scene{
		{rgb(0xf6c7a1), rgb(0xfdeedc), rgb(0xfff4d6), rgb(0xc9a9a6), rgb(0x3f5a4b)},
		{rgb(0x7fb6dd), rgb(0xe6f3fa), rgb(0xfffbe6), rgb(0x9cc0c9), rgb(0x2f6b3f)},
		{rgb(0x5b4b8a), rgb(0xf2a65a), rgb(0xffe0a3), rgb(0x8d6a8f), rgb(0x2b2d42)},
		{rgb(0xb9c7c9), rgb(0xeef2f0), rgb(0xffffff), rgb(0xb4c4c1), rgb(0x4b6a62)},
	}
}

func rgb(hex uint32) color.RGBA {
	return color.RGBA{R: uint8(hex >> 16 & 0xff), G: uint8(hex >> 8 & 0xff), B: uint8(hex & 0xff), A: 0xff}
}

// landscape draws mountains over water as a JPEG. The name decides light and
// ridges, so that every article has a picture of its own, always the same.
func landscape(name string) ([]byte, error) {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(name)) // a hash never fails
	seed := hash.Sum64()
	all := scenes()
	s := all[seed%uint64(len(all))]

	picture := image.NewRGBA(image.Rect(0, 0, pictureWidth, pictureHeight))
	for x := range pictureWidth {
		ridges := ridgeLine(seed, x)
		for y := range pictureHeight {
			picture.SetRGBA(x, y, s.at(seed, ridges, x, y))
		}
	}
	var out bytes.Buffer
	err := jpeg.Encode(&out, picture, &jpeg.Options{Quality: 80})
	return out.Bytes(), err
}

// ridgeCount mountain ranges stand behind each other.
const ridgeCount = 4

// ridgeLine is the height of each range in one column, the farthest first.
func ridgeLine(seed uint64, x int) [ridgeCount]float64 {
	var line [ridgeCount]float64
	for i := range line {
		phase := float64(seed>>(8*i)&0xff) / 255 * 2 * math.Pi
		stretch := 1 + float64(seed>>(4*i)&0xf)/16
		t := float64(x) / pictureWidth * 2 * math.Pi * stretch
		wave := math.Sin(t+phase) + 0.5*math.Sin(2.3*t+2*phase) + 0.2*math.Sin(6.1*t+3*phase)
		line[i] = pictureHeight * (0.45 + 0.1*float64(i) - 0.05*wave)
	}
	return line
}

// at is the colour of one point: the nearest thing that covers it.
func (s scene) at(seed uint64, ridges [ridgeCount]float64, x, y int) color.RGBA {
	const shore = pictureHeight * 0.86
	if float64(y) > shore {
		depth := (float64(y) - shore) / (pictureHeight - shore)
		return mix(s.horizon, s.near, 0.35+0.3*depth)
	}
	for i := ridgeCount - 1; i >= 0; i-- {
		if float64(y) > ridges[i] {
			return mix(s.far, s.near, float64(i)/(ridgeCount-1))
		}
	}
	sunX, sunY := 80+float64(seed>>16&0x1ff)*0.94, 60+float64(seed>>40&0x3f)
	const radius = 30
	if math.Hypot(float64(x)-sunX, float64(y)-sunY) < radius {
		return s.sun
	}
	return mix(s.top, s.horizon, min(1, float64(y)/(pictureHeight*0.6)))
}

// mix is a with a share of b, between 0 and 1.
func mix(a, b color.RGBA, share float64) color.RGBA {
	channel := func(p, q uint8) uint8 { return uint8(float64(p)*(1-share) + float64(q)*share) }
	return color.RGBA{R: channel(a.R, b.R), G: channel(a.G, b.G), B: channel(a.B, b.B), A: 0xff}
}
