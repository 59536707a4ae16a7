import type { NetlinkExchange } from "./netlink.ts";
import { attributeBytes, AttributeTable } from "./netlink-message.ts";

/** A generic netlink family, which is a part of the kernel that answers requests. */
export interface GenericFamily {
  readonly id: number;
  readonly version: number;
}

/** A request to a generic netlink family. */
export interface GenericRequest {
  readonly command: number;
  readonly isDump: boolean;
  readonly attributes: Uint8Array;
}

/**
 * Size in bytes of `struct genlmsghdr`, which precedes the attributes of every message: command, version, two unused
 * bytes.
 */
export const GENERIC_HEADER_BYTES = 4;

const CONTROLLER: GenericFamily = { id: 16, version: 2 };
const CTRL_CMD_GETFAMILY = 3;
const CTRL_ATTR_FAMILY_ID = 1;
const CTRL_ATTR_FAMILY_NAME = 2;
const CTRL_ATTR_VERSION = 3;

/** Sends a request to a family. `visit` gets each answer with its header. Throws NetlinkError if the kernel refuses. */
export function askGeneric(
  exchange: NetlinkExchange,
  family: GenericFamily,
  { command, isDump, attributes }: GenericRequest,
  visit: (body: Buffer) => void,
): void {
  const body = Buffer.concat([Buffer.from([command, family.version, 0, 0]), attributes]);
  exchange({ type: family.id, isDump, body }, (message) => visit(message.body));
}

/** Returns the family with this name. Throws NetlinkError (ENOENT) if the kernel does not have the family. */
export function genericFamily(exchange: NetlinkExchange, name: string): GenericFamily {
  let family: GenericFamily | undefined;
  const attributes = attributeBytes(CTRL_ATTR_FAMILY_NAME, Buffer.from(`${name}\0`));
  askGeneric(exchange, CONTROLLER, { command: CTRL_CMD_GETFAMILY, isDump: false, attributes }, (body) => {
    const table = new AttributeTable(8).read(body, GENERIC_HEADER_BYTES);
    family = { id: table.uint16(CTRL_ATTR_FAMILY_ID) ?? 0, version: table.uint32(CTRL_ATTR_VERSION) ?? 0 };
  });
  if (family === undefined) throw new Error(`netlink: the kernel did not answer the request for the family ${name}`);
  return family;
}
