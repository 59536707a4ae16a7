// oxlint-disable typescript/no-unsafe-enum-assignment -- uPlot's enums exist only as types; these are their numbers
import type uPlot from "uplot";

export const LOGARITHMIC: uPlot.Scale.Distr = 3;
export const ARC_SINH: uPlot.Scale.Distr = 4;
export const LEFT: uPlot.Axis.Side = 3;
export const RIGHT: uPlot.Axis.Side = 1;
export const TOP: uPlot.Axis.Side = 0;
export const BOTTOM: uPlot.Axis.Side = 2;
