// Times a module that exports run(n): warms it up, then prints the median of CPU ns a run as JSON.
const { run } = await import(process.argv[2])
const runs = Number(process.argv[3])
const samples = []
for (let i = 0; i < runs / 2; i++) await run(i)
for (let round = 0; round < 15; round++) {
  const before = process.cpuUsage()
  for (let i = 0; i < runs; i++) await run(i)
  const { user, system } = process.cpuUsage(before)
  samples.push(((user + system) * 1_000) / runs)
}
samples.sort((a, b) => a - b)
console.log(JSON.stringify(samples[7]))
