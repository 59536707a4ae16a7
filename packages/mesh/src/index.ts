export { advertisedHost, defaultRouteInterface, type InterfaceAddress, isAnyHost, isUnroutable } from "./advertise.ts";
export { formatHostPort, splitHostPort } from "./transport.ts";
export { Mesh } from "./mesh.ts";
export type { MeshObserver, MessageType, SharedState } from "./mesh-options.ts";
export { checkPeers, lookUpPeers, systemLookUp } from "./peer-lookup.ts";
export { randomInstance, randomPeerName } from "./mesh-options.ts";
export { type MeshTls, TcpTransport } from "./tcp-transport.ts";
