import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { CallToolRequestSchema, type CallToolResult, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { ApiError } from "@narthex/http";
import { boundedText } from "./bounded-text.ts";
import { ArgumentError, argumentsOf, loggedArguments, schemaOf } from "./tools/arguments.ts";
import { tools } from "./tools/registry.ts";
import { type Tool, type ToolContext, ToolError } from "./tools/tool.ts";

/** Reports a finished call, for the log. */
export type CallObserver = (call: {
  readonly tool: string;
  readonly arguments: string;
  readonly isError: boolean;
  readonly characters: number;
}) => void;

const INSTRUCTIONS =
  "Read-only access to a monitoring server with the query language PromQL. Use label_values and series to find names " +
  "before a query. If a result is empty, use why_is_result_empty. No tool can change anything.";

/** Answers one message of the Model Context Protocol. The server keeps no sessions. */
export async function answerMessage(
  message: unknown,
  headers: Readonly<Record<string, string>>,
  context: ToolContext,
  observe: CallObserver,
  version: string,
): Promise<Response> {
  const server = new Server({ name: "narthex", version }, { capabilities: { tools: {} }, instructions: INSTRUCTIONS });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: tools.map(({ name, about, parameters }) => ({
      name,
      description: about,
      inputSchema: schemaOf(parameters),
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },
    })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    const { name, arguments: given = {} } = params;
    const tool = tools.find((one) => one.name === name);
    const result =
      tool === undefined
        ? failed(`there is no tool ${JSON.stringify(name.slice(0, 100))}`)
        : await callTool(tool, given, context);
    const [first] = result.content;
    observe({
      tool: name.slice(0, 100),
      arguments: loggedArguments(tool?.parameters ?? {}, given),
      isError: result.isError === true,
      characters: first?.type === "text" ? first.text.length : 0,
    });
    return result;
  });
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  try {
    const request = new Request("http://narthex/", { method: "POST", headers, body: "{}" });
    return await transport.handleRequest(request, { parsedBody: message });
  } finally {
    await server.close();
  }
}

const failed = (text: string): CallToolResult => ({ content: [{ type: "text", text }], isError: true });

async function callTool(
  tool: Tool,
  given: Readonly<Record<string, unknown>>,
  context: ToolContext,
): Promise<CallToolResult> {
  try {
    const data = await tool.run(argumentsOf(tool.parameters, given), context);
    return { content: [{ type: "text", text: boundedText(data) }] };
  } catch (error) {
    if (error instanceof ArgumentError || error instanceof ToolError || error instanceof ApiError)
      return failed(error.message);
    throw error;
  }
}
