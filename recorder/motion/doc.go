// Package motion is
package motion
