export { readPng, type ReadPicture } from "./read-png.ts";
