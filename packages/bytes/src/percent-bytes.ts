/** Decodes the percent escapes of a text in which each character is one byte. Malformed escapes stay unchanged. */
export const percentBytes = (text: string): Buffer =>
  Buffer.from(
    text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );
