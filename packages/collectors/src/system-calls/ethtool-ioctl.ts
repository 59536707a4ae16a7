import { endianness } from "node:os";
import { getSystemErrorMap } from "node:util";
import { NoDataError } from "../no-data-error.ts";
import { libcFunction, memoryAddresses, waitingLibcFunction } from "./libc.ts";

/** The kernel refused an ethtool command. `code` is EOPNOTSUPP if the device does not have the feature. */
export class EthtoolError extends Error {
  override readonly name = "EthtoolError";
  readonly code: string;
  readonly errno: number;

  constructor(errno: number) {
    const [code, text] = getSystemErrorMap().get(-errno) ?? [`E${errno}`, `error ${errno}`];
    super(text);
    this.code = code;
    this.errno = errno;
  }
}

/**
 * Sends an ethtool command to a network device. The answer overwrites the command. The call may take long, because some
 * drivers ask their hardware. Rejects with EthtoolError.
 */
export type EthtoolCommand = (device: string, command: Buffer) => Promise<void>;

const AF_INET = 2;
/** Socket type: SOCK_DGRAM with close-on-exec. */
const SOCKET_KIND = 0x2 + 0x80000;
const SIOCETHTOOL = 0x8946;
/** Size of `struct ifreq` with 64-bit pointers: the device's name, then the command's address. */
const REQUEST_BYTES = 40;
const NAME_BYTES = 16;

/**
 * Opens a socket, which is never closed, for the kernel's ethtool commands. Throws NoDataError if it cannot be opened.
 */
export async function ethtoolCommands(): Promise<EthtoolCommand> {
  const socket = await libcFunction("int socket(int domain, int type, int protocol)");
  const ioctl = await waitingLibcFunction("int ioctl(int fd, unsigned long request, void *argument)");
  const addressOf = await memoryAddresses();
  const { result: fd, errno } = socket(AF_INET, SOCKET_KIND, 0);
  if (fd < 0) throw new NoDataError(new EthtoolError(errno).message);
  return async (device, command) => {
    const request = Buffer.alloc(REQUEST_BYTES);
    request.write(device, 0, NAME_BYTES - 1);
    if (endianness() === "LE") request.writeBigUInt64LE(addressOf(command), NAME_BYTES);
    else request.writeBigUInt64BE(addressOf(command), NAME_BYTES);
    const answer = await ioctl(fd, SIOCETHTOOL, request);
    if (answer.result < 0) throw new EthtoolError(answer.errno);
  };
}
