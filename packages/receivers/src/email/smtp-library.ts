/**
 * The parts of nodemailer that speak SMTP, loaded with the first mail. Both parts are imported in one file. Otherwise
 * the order of modules in the built files, and so the bytes of a release, would depend on the path of the checkout.
 */
export { default as Connection } from "nodemailer/lib/smtp-connection";
export { default as DataStream } from "nodemailer/lib/smtp-connection/data-stream";
