"""The job of `zoetrope bench` in diffusers: the same folder, latents and threads. Prints one line of JSON."""

import argparse
import json
import os
import resource
import time

PROCESS_START = time.time() - time.clock_gettime(time.CLOCK_MONOTONIC) + (
    int(open("/proc/self/stat").read().rsplit(")", 1)[1].split()[19]) / os.sysconf("SC_CLK_TCK")
    if os.path.exists("/proc/self/stat")
    else time.clock_gettime(time.CLOCK_MONOTONIC)
)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", required=True)
    parser.add_argument("--latents", required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--frames", type=int, required=True)
    parser.add_argument("--size", required=True, help="WIDTHxHEIGHT")
    parser.add_argument("--threads", type=int, required=True)
    args = parser.parse_args()

    import torch
    from diffusers import TextToVideoSDPipeline
    from safetensors.torch import load_file

    torch.set_num_threads(args.threads)
    width, height = (int(side) for side in args.size.split("x"))
    pipe = TextToVideoSDPipeline.from_pretrained(args.model, torch_dtype=torch.float32)
    pipe.set_progress_bar_config(disable=True)
    marks = []
    forward = pipe.unet.forward

    def timed(*positional, **named):
        start = time.time()
        result = forward(*positional, **named)
        marks.append((start, time.time()))
        return result

    pipe.unet.forward = timed
    with torch.no_grad():
        latents = pipe(
            "a red circle moves to the right over a blue background",
            num_inference_steps=args.steps,
            num_frames=args.frames,
            width=width,
            height=height,
            latents=load_file(args.latents)["latents"],
            output_type="latent",
        ).frames
        start = time.time()
        pipe.decode_latents(latents)
        decode = time.time() - start
    steps = sorted(end - begin for begin, end in (marks[1:] or marks))
    print(json.dumps({
        "threads": torch.get_num_threads(),
        "cold_start_s": marks[0][0] - PROCESS_START,
        "step_s": steps[len(steps) // 2],
        "decode_s": decode,
        "whole_s": time.time() - PROCESS_START,
        "peak_rss_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }))


main()
