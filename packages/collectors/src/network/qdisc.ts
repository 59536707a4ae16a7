import { join } from "node:path";
import { flagKinds } from "@narthex/runtime";
import { defineCollector, type Emitter } from "../collector.ts";
import { filterBy, type NameFilter } from "../device-filter.ts";
import { counter, gauge, type MetricSpec } from "../metric.ts";
import { hiddenFlag } from "../settings.ts";
import type { NetlinkExchange } from "../system-calls/netlink.ts";
import { AttributeTable, uint32, uint64 } from "../system-calls/netlink-message.ts";
import { linkNames, routeNetlink } from "./link-table.ts";
import { recordedNumber, recordedObjects, recordedText } from "./recorded-answer.ts";

const FILTER = {
  include: "collector.qdisc.device-include",
  exclude: "collector.qdisc.device-exclude",
  retiredInclude: "collector.qdisk.device-include",
  retiredExclude: "collector.qdisk.device-exclude",
  clash: "collector.qdisc.device-include and collector.qdisc.device-exclude are mutaly exclusive",
};
const FIXTURES = "collector.qdisc.fixtures";

const LABELS = ["device", "kind"];
const total = (name: string, help: string): MetricSpec => counter(`node_qdisc_${name}_total`, help, LABELS);

const metrics = {
  bytes: total("bytes", "Number of bytes sent."),
  packets: total("packets", "Number of packets sent."),
  drops: total("drops", "Number of packets dropped."),
  requeues: total("requeues", "Number of packets dequeued, not transmitted, and requeued."),
  overlimits: total("overlimits", "Number of overlimit packets."),
  queueLength: gauge("node_qdisc_current_queue_length", "Number of packets currently in queue to be sent.", LABELS),
  backlog: gauge("node_qdisc_backlog", "Number of bytes currently in queue to be sent.", LABELS),
};

/** Exports queueing disciplines at the root of network devices, from rtnetlink or from a recorded answer in JSON. */
export const qdisc = defineCollector({
  name: "qdisc",
  enabled: false,
  flags: {
    [FIXTURES]: flagKinds.text("", "test fixtures to use for qdisc collector end-to-end testing"),
    [FILTER.include]: flagKinds.text("", "Regexp of qdisc devices to include (mutually exclusive to device-exclude)."),
    [FILTER.retiredInclude]: hiddenFlag(flagKinds.text("", "DEPRECATED: Use collector.qdisc.device-include")),
    [FILTER.exclude]: flagKinds.text("", "Regexp of qdisc devices to exclude (mutually exclusive to device-include)."),
    [FILTER.retiredExclude]: hiddenFlag(flagKinds.text("", "DEPRECATED: Use collector.qdisc.device-exclude")),
  },
  metrics,
  open({ settings, logger }) {
    const isWanted = filterBy(settings, FILTER, logger);
    const fixtures = settings.text(FIXTURES);
    return async (files, emit) => {
      const queues = fixtures === "" ? queuesOf(await routeNetlink(files)) : recordedQueues(fixtures);
      for (const queue of queues) emitQueue(queue, isWanted, emit);
    };
  },
});

interface Queue {
  device: string;
  /** Handle of the parent; 0 at the root of a device. */
  parent: number;
  kind: string;
  bytes: number;
  packets: number;
  drops: number;
  requeues: number;
  overlimits: number;
  length: number;
  backlog: number;
}

function emitQueue(queue: Queue, isWanted: NameFilter, emit: Emitter<typeof metrics>): void {
  const { device, kind } = queue;
  if (queue.parent !== 0 || !isWanted(device)) return;
  emit.bytes(queue.bytes, device, kind);
  emit.packets(queue.packets, device, kind);
  emit.drops(queue.drops, device, kind);
  emit.requeues(queue.requeues, device, kind);
  emit.overlimits(queue.overlimits, device, kind);
  emit.queueLength(queue.length, device, kind);
  emit.backlog(queue.backlog, device, kind);
}

function recordedQueues(folder: string): Queue[] {
  return recordedObjects(join(folder, "results.json")).map((object) => ({
    device: recordedText(object, "ifacename"),
    parent: recordedNumber(object, "parent"),
    kind: recordedText(object, "kind"),
    bytes: recordedNumber(object, "bytes"),
    packets: recordedNumber(object, "packets"),
    drops: recordedNumber(object, "drops"),
    requeues: recordedNumber(object, "requeues"),
    overlimits: recordedNumber(object, "overlimits"),
    length: recordedNumber(object, "qlen"),
    backlog: recordedNumber(object, "backlog"),
  }));
}

const RTM_GETQDISC = 38;
/** Size in bytes of `struct tcmsg`, which precedes the attributes. */
const HEADER_BYTES = 20;
const TC_H_ROOT = 0xffffffff;
const TCA_KIND = 1;
const TCA_STATS2 = 7;
const TCA_STATS_BASIC = 1;
const TCA_STATS_QUEUE = 3;
/** Number of bytes to read from `struct gnet_stats_basic`. */
const BASIC_BYTES = 12;
/** Number of bytes to read from `struct gnet_stats_queue`. */
const QUEUE_BYTES = 20;

const attributes = new AttributeTable(16);
const statistics = new AttributeTable(16);

function queuesOf(exchange: NetlinkExchange): Queue[] {
  const queues: Queue[] = [];
  const indexes: number[] = [];
  exchange({ type: RTM_GETQDISC, isDump: true, body: Buffer.alloc(HEADER_BYTES) }, ({ body }) => {
    queues.push(queueOf(body));
    indexes.push(uint32(body, 4));
  });
  const names = linkNames(exchange);
  queues.forEach((queue, i) => (queue.device = names.get(indexes[i]!) ?? ""));
  return queues;
}

/**
 * Parses a queueing discipline from TCA_STATS2. TCA_STATS2 is the only attribute with the number of requeues, and every
 * kernel since 2.6.18 sends it.
 */
function queueOf(body: Buffer): Queue {
  const parent = uint32(body, 12);
  attributes.read(body, HEADER_BYTES);
  const nest = attributes.bytes(TCA_STATS2) ?? Buffer.alloc(0);
  statistics.read(nest, 0);
  const basic = statistics.place(TCA_STATS_BASIC, BASIC_BYTES);
  const queue = statistics.place(TCA_STATS_QUEUE, QUEUE_BYTES);
  const inQueue = (at: number): number => (queue === undefined ? 0 : uint32(nest, queue + at));
  return {
    device: "",
    parent: parent === TC_H_ROOT ? 0 : parent,
    kind: attributes.text(TCA_KIND) ?? "",
    bytes: basic === undefined ? 0 : uint64(nest, basic),
    packets: basic === undefined ? 0 : uint32(nest, basic + 8),
    length: inQueue(0),
    backlog: inQueue(4),
    drops: inQueue(8),
    requeues: inQueue(12),
    overlimits: inQueue(16),
  };
}
