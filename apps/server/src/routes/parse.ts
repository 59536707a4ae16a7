import { formValues, invalidParameter, sendSuccess } from "@narthex/http";
import { type Expr, expressionToJson, parseExpression, type ParserOptions, prettyPrint } from "@narthex/promql";
import type { FastifyInstance } from "fastify";

/** `/format_query` and `/parse_query`. */
export function parseRoutes(app: FastifyInstance, { parserOptions }: { parserOptions: ParserOptions }): void {
  const exprOf = (values: URLSearchParams): Expr => {
    const parsed = parseExpression(values.get("query") ?? "", parserOptions);
    if (!parsed.ok) throw invalidParameter("query", parsed.errors[0].toString());
    return parsed.expr;
  };
  app.route({
    method: ["GET", "POST"],
    url: "/format_query",
    handler: async (request, reply) => sendSuccess(reply, { data: prettyPrint(exprOf(formValues(request))) }),
  });
  app.route({
    method: ["GET", "POST"],
    url: "/parse_query",
    handler: async (request, reply) => sendSuccess(reply, { data: expressionToJson(exprOf(formValues(request))) }),
  });
}
