export {
  advertisedHost,
  type AdvertiseOptions,
  defaultRouteInterface,
  type InterfaceAddress,
  isAnyHost,
  isUnroutable,
} from "./advertise.ts";
export { formatHostPort, splitHostPort } from "./transport.ts";
export { type Member, Mesh } from "./mesh.ts";
export type { MeshObserver, MeshOptions, MeshTimings, MessageType, SharedState } from "./mesh-options.ts";
export { checkPeers, type LookUp, lookUpPeers, type PeerLookup, systemLookUp } from "./peer-lookup.ts";
export { randomInstance, randomPeerName } from "./mesh-options.ts";
export { type MeshTls, TcpTransport } from "./tcp-transport.ts";
export type { Connection, Transport } from "./transport.ts";
