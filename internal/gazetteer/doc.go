// Package gazetteer knows the provinces, districts and communes of Vietnam and
// the dates between which each existed. It answers what a name meant on a day;
// it does not read texts.
//
// What always holds: a code never stands alone, because codes were used again
// (15 was Yên Bái until 30 June 2025 and is Lào Cai since); a province that kept
// its name through the mergers of 2025 kept its id; every unit leads to the
// province that holds its territory today.
//
// The data are plain text files in data/, embedded, so that a diff shows a
// changed fact. All strings of a Gazetteer are parts of those texts.
package gazetteer
