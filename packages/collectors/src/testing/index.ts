export { collectFrom, hostTree, type HostTree, samplesOf, seriesFrom } from "./host-tree.ts";
