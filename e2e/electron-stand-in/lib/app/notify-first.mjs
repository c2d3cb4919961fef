/** Run by a second instance, which must know before it goes on that the first has heard it: passes stdin to the socket. */
import { connect } from "node:net";

const socket = connect({ path: `\0${process.argv[2]}` });
socket.on("error", (error) => {
  console.error(`electron stand-in: the first instance was not told: ${error.message}`);
  process.exitCode = 1;
});
socket.on("connect", () => process.stdin.pipe(socket, { end: false }));
socket.on("data", () => socket.destroy());
