// An echo server as the official Node SDK makes it, on standard input and output.
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { CallToolRequestSchema, ListToolsRequestSchema } from "@modelcontextprotocol/sdk/types.js";

const server = new Server({ name: "echo", version: "1.0.0" }, { capabilities: { tools: {} } });
const inputSchema = { type: "object", properties: { text: { type: "string" } }, required: ["text"] };

server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: [{ name: "echo", description: "Says what it was told", inputSchema }],
}));
server.setRequestHandler(CallToolRequestSchema, ({ params }) => ({
  content: [{ type: "text", text: params.arguments.text }],
}));

await server.connect(new StdioServerTransport());
