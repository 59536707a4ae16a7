export { type OtlpField, type OtlpObject, writeOtlpRequest } from "./otlp-message.ts";
