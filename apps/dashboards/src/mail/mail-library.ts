/**
 * Separate module for the part of nodemailer that sends mails. The module is loaded with the first mail, because most
 * installations send none.
 */
export { createTransport } from "nodemailer";
