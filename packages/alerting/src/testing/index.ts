export { rig, type Rig, ROUTE, START } from "./rig.ts";
