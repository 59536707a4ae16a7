declare module "snappyjs" {
  export function uncompress(bytes: Uint8Array, maxLength?: number): Uint8Array;
}
