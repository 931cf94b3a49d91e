// Decodes pictures at scale 1/8 in grey with libjpeg, again and again, and prints the CPU time a
// picture takes in nanoseconds. Its standard input holds pictures, each behind its length as a
// 32-bit little-endian number. Built by the benchmark where a compiler and libjpeg are.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <jpeglib.h>

static double seconds(void) {
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
	static unsigned char *pictures[4096];
	static unsigned long sizes[4096];
	int count = 0, rounds = argc > 1 ? atoi(argv[1]) : 1;
	unsigned char n[4];
	while (count < 4096 && fread(n, 1, 4, stdin) == 4) {
		sizes[count] = n[0] | n[1] << 8 | n[2] << 16 | (unsigned long)n[3] << 24;
		pictures[count] = malloc(sizes[count]);
		if (fread(pictures[count], 1, sizes[count], stdin) != sizes[count])
			return 1;
		count++;
	}
	if (count == 0)
		return 1;

	struct jpeg_decompress_struct d;
	struct jpeg_error_mgr e;
	d.err = jpeg_std_error(&e);
	jpeg_create_decompress(&d);
	static unsigned char luma[1 << 18];
	double start = seconds();
	for (int i = 0; i < rounds * count; i++) {
		jpeg_mem_src(&d, pictures[i % count], sizes[i % count]);
		jpeg_read_header(&d, TRUE);
		d.scale_num = 1, d.scale_denom = 8;
		d.out_color_space = JCS_GRAYSCALE;
		d.dct_method = JDCT_FASTEST;
		jpeg_start_decompress(&d);
		while (d.output_scanline < d.output_height) {
			JSAMPROW row = luma + d.output_scanline * d.output_width;
			jpeg_read_scanlines(&d, &row, 1);
		}
		jpeg_finish_decompress(&d);
	}
	printf("%.0f\n", (seconds() - start) * 1e9 / (rounds * count));
	return 0;
}
