import { defineCollector, type Emitter } from "../collector.ts";
import type { FileTree } from "../host-files/host-files.ts";
import { unsignedOf, unsignedOrNone } from "../host-files/kernel-number.ts";
import { counter } from "../metric.ts";

const CONTROLLER = ["controller"];
const ROW = ["controller", "csrow"];
const CHANNEL = ["controller", "csrow", "channel", "dimm_label"];

const metrics = {
  correctable: counter("node_edac_correctable_errors_total", "Total correctable memory errors.", CONTROLLER),
  uncorrectable: counter("node_edac_uncorrectable_errors_total", "Total uncorrectable memory errors.", CONTROLLER),
  rowCorrectable: counter(
    "node_edac_csrow_correctable_errors_total",
    "Total correctable memory errors for this csrow.",
    ROW,
  ),
  rowUncorrectable: counter(
    "node_edac_csrow_uncorrectable_errors_total",
    "Total uncorrectable memory errors for this csrow.",
    ROW,
  ),
  channelCorrectable: counter(
    "node_edac_channel_correctable_errors_total",
    "Total correctable memory errors for this channel.",
    CHANNEL,
  ),
  channelUncorrectable: counter(
    "node_edac_channel_uncorrectable_errors_total",
    "Total uncorrectable memory errors for this channel.",
    CHANNEL,
  ),
};

type EdacEmitter = Emitter<typeof metrics>;

const ROOT = "devices/system/edac/mc";

/** Exports memory errors by controller, row and channel from /sys/devices/system/edac/mc. */
export const edac = defineCollector({
  name: "edac",
  enabled: true,
  metrics,
  collect({ sys }, emit) {
    for (const name of sys.list(ROOT).filter((folder) => /^mc\d+$/.test(folder))) {
      const controller = name.slice("mc".length);
      const read = (file: string): number =>
        unsignedOf(sys.read(`${ROOT}/${name}/${file}`).trim(), `edac ${name}/${file}`);
      emit.correctable(read("ce_count"), controller);
      emit.rowCorrectable(read("ce_noinfo_count"), controller, "unknown");
      emit.uncorrectable(read("ue_count"), controller);
      emit.rowUncorrectable(read("ue_noinfo_count"), controller, "unknown");
      for (const row of sys.list(`${ROOT}/${name}`).filter((folder) => /^csrow\d+$/.test(folder)))
        emitRow(sys, `${ROOT}/${name}/${row}`, controller, row.slice("csrow".length), emit);
    }
  },
});

function emitRow(sys: FileTree, folder: string, controller: string, row: string, emit: EdacEmitter): void {
  const read = (file: string): number => unsignedOf(sys.read(`${folder}/${file}`).trim(), `edac ${file}`);
  emit.rowCorrectable(read("ce_count"), controller, row);
  emit.rowUncorrectable(read("ue_count"), controller, row);
  for (const file of sys.list(folder)) {
    const channel = /^ch(\d+)_ce_count$/.exec(file)?.[1];
    if (channel === undefined) continue;
    const place = [controller, row, channel, dimmLabel(sys.value(`${folder}/ch${channel}_dimm_label`))];
    emit.channelCorrectable(read(file), ...place);
    const uncorrectable = unsignedOrNone(sys.value(`${folder}/ch${channel}_ue_count`) ?? "");
    if (uncorrectable !== undefined) emit.channelUncorrectable(uncorrectable, ...place);
  }
}

const dimmLabel = (text: string | undefined): string =>
  text === undefined
    ? "unknown"
    : text.replaceAll("#", "").replaceAll("csrow", "_csrow").replaceAll("channel", "_channel");
