// Types of the part of WebAssembly that this package uses. Node's types do not include WebAssembly, and this package
// does not use the browser's types.
declare namespace WebAssembly {
  interface Module {
    readonly [Symbol.toStringTag]: "WebAssembly.Module";
  }
  const Module: new (bytes: Uint8Array) => Module;
  const Instance: new (module: Module) => { readonly exports: Readonly<Record<string, unknown>> };
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  const Memory: new (size: { readonly initial: number }) => Memory;
}
