// A blinker with an adder, a state machine and a small memory: enough for every pass of an ice40 flow to have work.
module blinker #(parameter WIDTH = 20) (
    input  wire       clk,
    input  wire       rst,
    input  wire [3:0] speed,
    output reg  [7:0] leds
);
    localparam IDLE = 2'd0, RUN = 2'd1, FLASH = 2'd2;
    reg [1:0] state;
    reg [WIDTH-1:0] count;
    reg [7:0] pattern [0:15];
    reg [3:0] index;
    wire [WIDTH-1:0] next = count + {{(WIDTH-4){1'b0}}, speed} * 5'd13;

    integer i;
    initial for (i = 0; i < 16; i = i + 1) pattern[i] = 8'h81 ^ (i * 23);

    always @(posedge clk) begin
        if (rst) begin
            state <= IDLE;
            count <= 0;
            index <= 0;
            leds  <= 0;
        end else begin
            count <= next;
            case (state)
                IDLE:    state <= speed != 0 ? RUN : IDLE;
                RUN:     if (next < count) begin
                             index <= index + 1'b1;
                             leds  <= pattern[index];
                             state <= &index ? FLASH : RUN;
                         end
                FLASH:   begin
                             leds  <= ~leds;
                             state <= IDLE;
                         end
                default: state <= IDLE;
            endcase
        end
    end
endmodule
