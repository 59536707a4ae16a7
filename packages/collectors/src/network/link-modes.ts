import { askGeneric, GENERIC_HEADER_BYTES, genericFamily } from "../system-calls/generic-netlink.ts";
import type { NetlinkExchange } from "../system-calls/netlink.ts";
import { attributeBytes, AttributeTable, putUint32 } from "../system-calls/netlink-message.ts";

/** Speed and duplex of a network device. */
export interface LinkMode {
  readonly device: string;
  /** Speed in Mbit/s; 2^32 - 1 is the kernel's value for "unknown". */
  readonly megabits: number;
  /** Duplex mode: 0 half, 1 full, 255 unknown. */
  readonly duplex: number;
}

const ETHTOOL_MSG_LINKMODES_GET = 4;
const ETHTOOL_A_LINKMODES_HEADER = 1;
const ETHTOOL_A_LINKMODES_SPEED = 5;
const ETHTOOL_A_LINKMODES_DUPLEX = 6;
const ETHTOOL_A_HEADER_DEV_NAME = 2;
const ETHTOOL_A_HEADER_FLAGS = 3;
const ETHTOOL_FLAG_COMPACT_BITSETS = 1;
const NLA_F_NESTED = 0x8000;

const attributes = new AttributeTable(32);
const header = new AttributeTable(8);

/**
 * Returns the link modes of devices, requested over ethtool's netlink. Throws NetlinkError (ENOENT) before Linux 5.6.
 */
export function linkModes(exchange: NetlinkExchange): LinkMode[] {
  const family = genericFamily(exchange, "ethtool");
  const flags = Buffer.alloc(4);
  putUint32(flags, 0, ETHTOOL_FLAG_COMPACT_BITSETS);
  const nest = attributeBytes(ETHTOOL_A_LINKMODES_HEADER + NLA_F_NESTED, attributeBytes(ETHTOOL_A_HEADER_FLAGS, flags));
  const modes: LinkMode[] = [];
  askGeneric(exchange, family, { command: ETHTOOL_MSG_LINKMODES_GET, isDump: true, attributes: nest }, (body) => {
    attributes.read(body, GENERIC_HEADER_BYTES);
    const identity = attributes.bytes(ETHTOOL_A_LINKMODES_HEADER);
    modes.push({
      device: identity === undefined ? "" : (header.read(identity, 0).text(ETHTOOL_A_HEADER_DEV_NAME) ?? ""),
      megabits: attributes.uint32(ETHTOOL_A_LINKMODES_SPEED) ?? 0,
      duplex: attributes.uint8(ETHTOOL_A_LINKMODES_DUPLEX) ?? 0,
    });
  });
  return modes;
}
