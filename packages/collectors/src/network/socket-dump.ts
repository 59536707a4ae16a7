import type { Steps } from "@narthex/runtime";
import type { NetlinkExchange } from "../system-calls/netlink.ts";
import { putUint32, uint32 } from "../system-calls/netlink-message.ts";

export const AF_INET = 2;
export const AF_INET6 = 10;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;

const SOCK_DIAG_BY_FAMILY = 20;
/** Mask of all TCP states, without the kernel's internal state TCP_NEW_SYN_RECV. */
const ALL_STATES = 0xfff;
/** Size in bytes of `struct inet_diag_req_v2`. */
const REQUEST_BYTES = 56;
/** Number of bytes to read from `struct inet_diag_msg`. */
const ANSWER_BYTES = 64;

/** Callback with the state of a socket, the number of bytes to be sent, and the number of received bytes. */
type SocketVisit = (state: number, sending: number, received: number) => void;

/** Asks sock_diag for the sockets of a family and protocol. A step takes a fraction of a millisecond. */
export function* socketDump(
  exchange: NetlinkExchange,
  family: number,
  protocol: number,
  visit: SocketVisit,
): Steps<void> {
  const body = Buffer.alloc(REQUEST_BYTES);
  body[0] = family;
  body[1] = protocol;
  putUint32(body, 4, ALL_STATES);
  yield* exchange.inSteps({ type: SOCK_DIAG_BY_FAMILY, isDump: true, body }, ({ body: answer }) => {
    if (answer.length >= ANSWER_BYTES) visit(answer[1]!, uint32(answer, 60), uint32(answer, 56));
  });
}
