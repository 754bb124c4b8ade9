// Loaded before the command line: kills this process, as kill -9 does, just before it sends the n-th request of a method to a worker.
// TOMOBENCH_TEST_KILL holds method:n; without it nothing happens.
const processes = require('node:child_process');

const [method, nth] = (process.env.TOMOBENCH_TEST_KILL ?? ':0').split(':');
const { fork } = processes;
let seen = 0;

processes.fork = (...parts) => {
  const child = fork(...parts);
  const send = child.send.bind(child);
  child.send = (message, ...rest) => {
    if (message.method === method && ++seen === Number(nth)) process.kill(process.pid, 'SIGKILL');
    return send(message, ...rest);
  };
  return child;
};
