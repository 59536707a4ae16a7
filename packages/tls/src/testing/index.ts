export { Authority, hasOpenssl, type KeyPair } from "./authority.ts";
