// Package article is the vocabulary of Bantin: the plain types that the stages
// hand to each other. It holds no behaviour beyond what follows from the values
// themselves, imports the standard library only, and its types carry no tags of
// any codec: every border (BSON, JSON, XML, YAML) translates with types of its own.
package article
