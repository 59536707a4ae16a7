export { parseDecimal, parseDigits } from "./ascii.ts";
export { ByteMap } from "./byte-map.ts";
export { fnv1a64 } from "./fnv.ts";
export {
  WIRE_FIXED32,
  WIRE_FIXED64,
  WIRE_LENGTH,
  WIRE_VARINT,
  WireError,
  WireReader,
  WireWriter,
} from "./protobuf-wire.ts";
export { xxhash64 } from "./xxhash64.ts";
