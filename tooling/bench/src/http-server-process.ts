/**
 * A process of its own with HTTP components that answer every call at once: node http-server-process.ts COUNT. Writes its ports
 * to its parent, and ends with it.
 *
 * @module
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const answer = JSON.stringify({ success: true, data: { symbol: 'TSLA', price: 187.5, currency: 'USD' } });
const count = Number(process.argv[2] ?? 1);

const ports = await Promise.all(
  Array.from({ length: count }, async () => {
    const server = createServer((request, response) => {
      request.resume();
      request.on('end', () => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }),
);
process.send?.(ports);
process.on('disconnect', () => process.exit());
