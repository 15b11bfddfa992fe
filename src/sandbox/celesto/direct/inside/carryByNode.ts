import { pieceCost, startCredit } from '../pieces.ts';

/**
 * What `carry.ts` promises, by Node alone: `PORT` is its argument, its standard streams are the terminal. It stands in
 * single quotes of the shell, so it has none.
 */
export const carryByNode = String.raw`
const net = require("net");
const port = Number(process.argv[1]);
let may = ${startCredit}, heardAt = Date.now(), text = "", isData = false, isOpen = false, socket;
const say = (word) => process.stdout.write("\n." + word + "\n");
const end = () => process.exit(0);
const give = (bytes) => {
  const line = bytes.toString("base64");
  process.stdout.write(line + "\n");
  may -= line.length;
  if (may <= 0) socket.pause();
};
const dial = (host, ...more) => {
  if (!host) return say("r");
  socket = net.connect({ host, port, allowHalfOpen: true });
  socket.on("error", () => isOpen || dial(...more));
  socket.once("connect", () => {
    isOpen = true;
    say("o ${startCredit}");
    socket.on("data", give).on("end", () => say("e")).on("close", () => say("x"));
  });
};
const obey = (line) => {
  const [word, number] = line.split(" ");
  if (isData) {
    isData = false;
    socket.write(Buffer.from(line, "base64"), () => say("c " + (line.length + ${pieceCost})));
  } else if (word === "d") isData = true;
  else if (word === "e") socket.end();
  else if (word === "c") { may += Number(number); if (may > 0) socket.resume(); }
  else if (word === "p") say("p");
  else if (word === "x") end();
};
process.stdin.setEncoding("latin1").on("end", end).on("error", end).on("data", (more) => {
  heardAt = Date.now();
  const lines = (text + more).split("\n");
  text = lines.pop();
  lines.forEach(obey);
});
setInterval(() => { if (Date.now() - heardAt > 120000) end(); }, 5000);
dial("127.0.0.1", "::1");
`;
