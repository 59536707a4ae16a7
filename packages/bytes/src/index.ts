export { hexDigit, parseDecimal, parseDigits } from "./ascii.ts";
export { ByteMap, reorderColumn } from "./byte-map.ts";
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
export { highWord, lowWord, readBits, writeBits } from "./bitstream.ts";
export { ByteWriter } from "./byte-writer.ts";
export { crc32c, Crc32cWindow } from "./crc32c.ts";
export { joinedCrc32c } from "./crc32c-joined.ts";
export { deflate } from "./deflate.ts";
export { Cursor, DecodeError } from "./cursor.ts";
export { MAX_VARINT_BYTES, unzigzag, uvarintSize, writeUvarint, writeVarint } from "./varint.ts";
export { BLOCK_BYTES as SNAPPY_PART_BYTES, SnappyCompressor } from "./snappy/snappy-compressor.ts";
export { SnappyError, SnappyReader, snappySize } from "./snappy/snappy-reader.ts";
export { type MessageFields, messageFields, skipUnknown } from "./message-fields.ts";
export { percentBytes } from "./percent-bytes.ts";
export { utf8Text } from "./utf8-text.ts";
export { Uint32List } from "./uint32-list.ts";
