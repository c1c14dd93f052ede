export * from './clock_tick'
export * from './quantity'
export * from './time'
